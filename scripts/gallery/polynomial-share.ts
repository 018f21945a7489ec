/** How much of a field over the plane is a polynomial of degree two: all that means and covariances can say. */

/**
 * R^2 of the least squares fit of a + bx + cy + dx^2 + exy + fy^2 to `values` at `places` (x and y of one after another): 1
 * where the field is such a polynomial, 0 where none of it is. A field that is the same everywhere gives 1.
 */
export function quadraticShare(places: Float32Array, values: Float32Array): number {
  const terms = Array.from(values, (_, i) => {
    const [x, y] = [places[2 * i]!, places[2 * i + 1]!];
    return [1, x, y, x * x, x * y, y * y];
  });
  const size = 6;
  const normal = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size + 1 }, (_unused, column) =>
      terms.reduce((sum, term, i) => sum + term[row]! * (column < size ? term[column]! : values[i]!), 0),
    ),
  );
  const weights = solve(normal);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [left, whole] = [0, 0];
  values.forEach((value, i) => {
    const fitted = terms[i]!.reduce((sum, term, j) => sum + term * weights[j]!, 0);
    left += (value - fitted) ** 2;
    whole += (value - mean) ** 2;
  });
  return whole === 0 ? 1 : 1 - left / whole;
}

/** Gauss-Jordan elimination with the largest pivot; the right side is the last column. */
function solve(rows: number[][]): readonly number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const rest = rows.slice(column).map((row) => Math.abs(row[column]!));
    const pivot = column + rest.indexOf(Math.max(...rest));
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (const row of rows) {
      if (row === rows[column]) continue;
      const factor = row[column]! / rows[column]![column]!;
      for (let i = column; i <= size; i++) row[i]! -= factor * rows[column]![i]!;
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}
