import { EQUATIONS } from './base-specs.js';
import { changed, command, spec, type Pages } from './page.js';

export const RUN_PAGES: Pages<'run'> = {
  'run/folder-exists': {
    explanation:
      'A run never writes over another one. Choose another folder, go on with the run that is there (`--resume`), or ' +
      'delete it yourself.',
    bad: command('began-compile run faces.yaml --out runs/faces', '`runs/faces` already holds a run.'),
    good: command('began-compile run faces.yaml --out runs/faces-2', 'The folder is new.'),
  },
  'run/nothing-to-resume': {
    explanation:
      'The folder holds no checkpoint to go on from: another folder was meant, or the run ended before it wrote one. ' +
      '`train: { checkpoint: 500 }` says how often that happens.',
    bad: command('began-compile run --resume runs', '`runs` holds run folders, and is none.'),
    good: command('began-compile run --resume runs/faces', '`runs/faces` holds a checkpoint.'),
  },
  'run/checkpoint-corrupt': {
    explanation:
      'The file is not a whole checkpoint: it was cut off while it was copied, or changed. Checkpoints are written aside and ' +
      'moved into place, and carry a checksum, so that a run that is killed leaves the one before intact.',
    bad: command('began-compile sample runs/faces', 'The copy of the checkpoint stopped half way.'),
    good: command('began-compile sample runs/faces', 'The checkpoint was copied again.'),
  },
  'run/checkpoint-mismatch': {
    explanation:
      'A run goes on with the spec that its checkpoint holds, and a checkpoint fits only the networks and the state it was ' +
      'written for: its numbers would mean something else in others. The message lists what differs. ' +
      'Leave the spec out to go on as before, or start a new run for the changed one.',
    bad: command(
      'began-compile run faces.yaml --resume runs/faces',
      '`faces.yaml` was edited since the run began: `filters: 16` became `filters: 32`.',
    ),
    good: command(
      'began-compile run faces.yaml --out runs/faces-wide',
      'The changed spec has a run of its own.',
    ),
  },
  'run/non-finite': {
    explanation:
      'A loss, a gradient or a state became NaN or infinite. The step wrote nothing: weights and state are the last good ones, ' +
      'and a checkpoint of them can be sampled. The message names the tensor that went first. ' +
      'Mostly the rate is too high, a logarithm or a root is taken of 0, or something is divided by a norm that can be 0.',
    bad: spec(changed(EQUATIONS, ['minimize: mean(square(D(fake) - 1))', 'minimize: mean(log(D(fake)))']), {
      where: 'Some score is below 0 in the first step.',
    }),
    good: spec(EQUATIONS),
  },
  'run/diversity-falling': {
    explanation:
      'The samples of a batch differ far less from each other than the data do: the generator gives nearly the same picture for every ' +
      'noise. It is a warning, since it may pass. Where it stays, look at the samples; a larger gamma or gain ' +
      '(BEGAN), a lower rate for the generator or a critic that takes more steps may help.',
    bad: command('began-compile run faces.yaml', 'The samples of one picture look alike.'),
    good: command(
      'began-compile run faces.yaml --set objective.with.gamma=0.8',
      'Samples vary about as much as the data.',
    ),
  },
  'run/backend-not-built': {
    explanation:
      'The engine that runs programs op by op on TensorFlow.js takes any backend that is registered there, and this one is not: ' +
      'a backend registers itself when its package is imported.',
    bad: command(
      "await new TfjsEngine('webgl').load(program)",
      'Nothing has brought `webgl` to TensorFlow.js.',
    ),
    good: command(
      "import '@tensorflow/tfjs-backend-webgl';\nawait new TfjsEngine('webgl').load(program)",
      'The package registers the backend.',
    ),
  },
  'run/option': {
    explanation:
      'An option of the command has a value that cannot be used, or stands beside one that excludes it. `--help` behind ' +
      'a command lists its options with examples.',
    bad: command('began-compile run faces.yaml --set train.batch', '`--set` needs a value.'),
    good: command('began-compile run faces.yaml --set train.batch=32', 'The batch is 32 in this run.'),
  },
  'run/file': {
    explanation:
      'A file cannot be read or written: it is not there, it is a folder, or permissions forbid it. The message carries what ' +
      'the operating system says.',
    bad: command('began-compile validate face.yaml', 'There is no file `face.yaml`.'),
    good: command('began-compile validate faces.yaml', 'The file is there.'),
  },
};
