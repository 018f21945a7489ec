"""The random numbers of a run: functions of (seed, site, execution, index), equal on every machine.

Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, SC 2011) over integers of numpy. Bits
and uniforms are those of began-compile; normals too, up to the last bits of ln, cos and sin.
"""

import numpy as np

PARITY = np.uint32(0x1BD11BDA)
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
TWO_TO_32 = 2**32
TWO_TO_MINUS_24 = 2.0**-24


def threefry2x32(key, first, second):
    """Encrypts the counters (first, second), arrays of 32-bit words, under a key of two words."""
    k0, k1 = (np.array([word], np.uint32) for word in key)
    words = (k0, k1, k0 ^ k1 ^ PARITY)
    x0 = np.asarray(first, np.uint32) + k0
    x1 = np.asarray(second, np.uint32) + k1
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            x0 = x0 + x1
            x1 = ((x1 << np.uint32(rotation)) | (x1 >> np.uint32(32 - rotation))) ^ x0
        x0 = x0 + words[(group + 1) % 3]
        x1 = x1 + words[(group + 2) % 3] + np.uint32(group + 1)
    return x0, x1


def fnv1a32(text):
    """FNV-1a over the UTF-8 bytes of a text, 32 bits."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 % TWO_TO_32
    return value


def draw_key(seed, site, execution):
    """The key of one draw: of a site at one execution."""
    seed_words = (seed % TWO_TO_32, seed // TWO_TO_32)
    x0, x1 = threefry2x32(seed_words, [fnv1a32(site)], [execution])
    return int(x0[0]), int(x1[0])


def blocks(key, start, stop):
    """Blocks number start to stop - 1 of a draw: two arrays of words."""
    counter = np.arange(start, stop, dtype=np.uint64)
    return threefry2x32(key, counter % TWO_TO_32, counter // TWO_TO_32)


def words(key, start, stop):
    """Elements start to stop - 1 of a draw of raw bits."""
    first = start // 2
    pair = np.stack(blocks(key, first, (stop + 1) // 2), axis=1).reshape(-1)
    return pair[start - 2 * first : stop - 2 * first]


def unit(bits):
    """[0, 1) in steps of 2^-24."""
    return (bits >> np.uint32(8)).astype(np.float64) * TWO_TO_MINUS_24


def radius(bits):
    """The radius of Box and Muller, from a uniform of (0, 1]."""
    return np.sqrt(-2 * np.log(((bits >> np.uint32(8)).astype(np.float64) + 1) * TWO_TO_MINUS_24))


def angle(bits):
    """The angle of Box and Muller."""
    return 2 * np.pi * unit(bits)


def uniform(key, start, stop, low, high):
    """Uniforms of [low, high)."""
    return (low + unit(words(key, start, stop)) * (high - low)).astype(np.float32)


def normal(key, start, stop, mean, deviation):
    """Normals, two from every block."""
    first = start // 2
    a, b = blocks(key, first, (stop + 1) // 2)
    scaled = deviation * radius(a)
    pair = np.stack((mean + scaled * np.cos(angle(b)), mean + scaled * np.sin(angle(b))), axis=1)
    return pair.reshape(-1)[start - 2 * first : stop - 2 * first].astype(np.float32)


def truncated_normal(key, start, stop, deviation):
    """Normals of mean 0 that never lie beyond two deviations: those that would are drawn again."""
    result = np.empty(stop - start)
    open_ = np.arange(start, stop, dtype=np.uint64)
    attempt = 0
    while open_.size > 0:
        a, b = threefry2x32(key, open_ % TWO_TO_32, np.full(open_.shape, attempt))
        value = radius(a) * np.cos(angle(b))
        kept = np.abs(value) <= 2
        result[(open_[kept] - np.uint64(start)).astype(np.int64)] = value[kept]
        open_ = open_[~kept]
        attempt += 1
    return (deviation * result).astype(np.float32)


def categorical(key, start, stop, classes):
    """Whole numbers of 0 to classes - 1, all equally likely."""
    drawn = uniform(key, start, stop, 0, 1).astype(np.float64)
    return np.floor(drawn * classes).astype(np.float32)


def bernoulli(key, start, stop, probability):
    """1 with a probability, else 0."""
    drawn = uniform(key, start, stop, 0, 1).astype(np.float64)
    return (drawn < probability).astype(np.float32)


def permutation(key, count):
    """A permutation of 0 to count - 1 (Fisher and Yates, from the end)."""
    bits = words(key, 0, count).astype(np.float64)
    partners = np.floor(bits * np.arange(1, count + 1) / TWO_TO_32).astype(np.int64).tolist()
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = partners[i]
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.int64)


DISTRIBUTIONS = {
    "uniform": uniform,
    "normal": normal,
    "truncated_normal": truncated_normal,
    "categorical": categorical,
    "bernoulli": bernoulli,
}
