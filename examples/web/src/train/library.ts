/** The library of blocks and objectives, inside the page. */
import type { LibrarySource } from 'began-compile';

const FOLDER = '../../../../spec/library/';
const texts = import.meta.glob<string>('../../../../spec/library/**/*.yaml', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const library: LibrarySource = {
  names: () => Object.keys(texts).map((path) => path.slice(FOLDER.length, -'.yaml'.length)),
  read: (name) => {
    const text = texts[`${FOLDER}${name}.yaml`];
    return text === undefined ? undefined : { name: `library/${name}.yaml`, text };
  },
};
