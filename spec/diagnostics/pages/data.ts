import { CLASSES, PICTURES, POINTS } from './base-specs.js';
import { changed, spec, type Pages } from './page.js';

const LABELLED = changed(
  CLASSES,
  ['{ points: gaussians_8, count: 1000 }', '{ images: ./faces, size: 16, labels: folders, classes: 8 }'],
  ['G: [{ dense: 32 }, relu, { dense: 2 }]', 'G: [{ dense: 768 }, tanh, { reshape: [16, 16, 3] }]'],
);
const IDX = changed(PICTURES, [
  'images: ./faces, size: 16',
  'idx: { images: ./train-images.idx }, size: 16, channels: 3',
]);

export const DATA_PAGES: Pages<'data'> = {
  'data/not-found': {
    explanation:
      'A folder or file that `data` names is not there. Paths are relative to the spec, not to where the command is typed. ' +
      'Data sets that come from packages say which package has to be installed.',
    bad: spec(PICTURES, { where: 'There is no folder `faces` beside the spec.' }),
    good: spec(changed(PICTURES, ['./faces', '../pictures/faces']), {
      where: 'The folder `../pictures/faces`, seen from the spec, holds the pictures.',
    }),
  },
  'data/empty-folder': {
    explanation:
      'The folder is there, and nothing in it can be read as a PNG or JPEG picture. Other formats (WebP, GIF, TIFF) have to ' +
      'be converted first. Pictures in folders below it count as well.',
    bad: spec(PICTURES, { where: '`faces` holds `a.webp` and `b.webp`.' }),
    good: spec(PICTURES, { where: '`faces` holds `a.png` and `b.jpg`.' }),
  },
  'data/corrupt-file': {
    explanation:
      'A picture could not be decoded, mostly because a download or a copy was cut off. It is skipped, with a warning, and the run ' +
      'goes on with the others: one bad file among ten thousand should not stop a night of training. ' +
      'Delete the file, or fetch it again.',
    bad: spec(PICTURES, { where: '`faces/0017.png` ends in the middle.' }),
    good: spec(PICTURES, { where: 'Every picture in `faces` opens in a viewer.' }),
  },
  'data/format': {
    explanation:
      'A data file is not laid out as its format says: an IDX file with another magic number or shorter than its header tells, a ' +
      'CSV file of labels without a comma, a text that is not UTF-8. The message says what was expected and what was found.',
    bad: spec(IDX, { where: '`train-images.idx` is a ZIP archive.' }),
    good: spec(IDX, { where: '`train-images.idx` is an IDX file, gzipped or not.' }),
  },
  'data/labels': {
    explanation:
      'The labels do not fit the examples: more classes than `classes` says, fewer labels than pictures, or rows for pictures ' +
      'that are not there. What reads labels was compiled for the number of classes that the spec states.',
    bad: spec(changed(LABELLED, ['classes: 8', 'classes: 4']), { where: '`faces` holds 8 folders.' }),
    good: spec(LABELLED, { where: '`faces` holds 8 folders.' }),
  },
  'data/too-few': {
    explanation:
      'There are fewer examples than one batch needs, or a `split` or `subset` asks for more than there are. ' +
      'A batch never holds an example twice, so that a smaller batch or more data is needed.',
    bad: spec(changed(POINTS, ['count: 1000', 'count: 50']), {
      where: 'A run of it stops at once: 50 points do not fill a batch of 64.',
    }),
    good: spec(POINTS, { where: '1000 points fill a batch of 64.' }),
  },
};
