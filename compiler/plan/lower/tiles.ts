/** How much work a tile is: enough to be worth handing to a thread, few enough that all threads have some. */
export const TILE_WORK = 8_192;
export const MOST_TILES = 64;
/** Elements of a contraction's tile (its source, its results) that stay in a first- or nearby second-level cache. */
export const TILE_ELEMENTS = 10_000;
