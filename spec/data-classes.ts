/** How many classes a data stream has, and the shape of what has no `size`, as far as a spec alone says. Pure data. */
import type { DataSpec, FaceAttribute, PointSet } from './spec.js';

/** The modes of every point set; a set without modes is one class. */
export const POINT_CLASSES: Readonly<Record<PointSet, number>> = {
  gaussians_8: 8,
  gaussians_25: 25,
  ring: 1,
  swiss_roll: 1,
  two_gaussians: 2,
  /** 0 is the outer one, 1 the inner one. */
  circles: 2,
};

/** What the classes of every attribute of faces are, in order. */
export const FACE_CLASSES: Readonly<Record<FaceAttribute, readonly string[]>> = {
  glasses: ['without glasses', 'with glasses'],
  beard: ['without beard', 'with beard'],
  hat: ['without hat', 'with hat'],
  hair: ['black hair', 'brown hair', 'red hair', 'blond hair', 'no hair'],
};

/** A point set's example: x and y. */
export const POINT_SHAPE: readonly [2] = [2];

/**
 * The classes of each kind of source: a number; `labels`: those of the attribute that the spec's `labels` names, none without; `declared`: as many
 * as the spec's `classes` says where it names `labels` (the files are not read to compile a spec); `none`.
 */
export const DATA_CLASSES = {
  mnist: { kind: 'fixed', classes: 10 },
  fashion_mnist: { kind: 'fixed', classes: 10 },
  points: { kind: 'by set', classes: POINT_CLASSES },
  facesjs: { kind: 'labels', classes: FACE_CLASSES },
  images: { kind: 'declared' },
  idx: { kind: 'declared' },
  text: { kind: 'none' },
  labels: { kind: 'none' },
} as const satisfies Readonly<Record<DataSpec['kind'], unknown>>;

/** Whether each example of the source has a class. */
export function isLabelled(data: DataSpec): boolean {
  switch (data.kind) {
    case 'mnist':
    case 'fashion_mnist':
    case 'points':
      return true;
    case 'facesjs':
    case 'images':
    case 'idx':
      return data.labels !== undefined;
    case 'text':
    case 'labels':
      return false;
    default:
      return data satisfies never;
  }
}

/**
 * The number of classes, or undefined where the source has none (see isLabelled) or where the spec does not say it:
 * labelled `images` and `idx` without `classes`.
 */
export function classCount(data: DataSpec): number | undefined {
  switch (data.kind) {
    case 'mnist':
    case 'fashion_mnist':
      return DATA_CLASSES[data.kind].classes;
    case 'points':
      return POINT_CLASSES[data.set];
    case 'facesjs':
      return data.labels === undefined ? undefined : FACE_CLASSES[data.labels].length;
    case 'images':
    case 'idx':
      return data.labels === undefined ? undefined : data.classes;
    case 'text':
    case 'labels':
      return undefined;
    default:
      return data satisfies never;
  }
}
