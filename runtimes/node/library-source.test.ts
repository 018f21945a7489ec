import { expect, it } from 'vitest';
import { folderLibrary } from './library-source.js';

it('finds the library of the package, by name and never outside its folder', () => {
  const library = folderLibrary();
  expect(library.names()).toEqual(
    expect.arrayContaining(['began', 'began/autoencoder', 'began/decoder', 'began/encoder']),
  );
  expect(library.read('began/decoder')?.text).toContain('block: began/decoder');
  expect(library.read('began/decoder')?.name).toBe('library/began/decoder.yaml');
  expect(library.read('began/nothing')).toBeUndefined();
  expect(library.read('../../package')).toBeUndefined();
});
