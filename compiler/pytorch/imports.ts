/** What a Python module imports, as it is found to be needed. */
import { lines, name, WIDTH } from './python.js';

export type SupportModule = 'controller' | 'functions' | 'initial' | 'layers' | 'program';

export class Imports {
  readonly #modules = new Set<string>();
  readonly #support = new Map<SupportModule, Set<string>>();

  /** Gives the name, to be used in place. */
  from(module: SupportModule, imported: string): string {
    const names = this.#support.get(module) ?? new Set();
    this.#support.set(module, names.add(imported));
    return imported;
  }

  math(imported: string): string {
    this.#modules.add('import math');
    return `math.${imported}`;
  }

  namedTuple(): string {
    this.#modules.add('from typing import NamedTuple');
    return 'NamedTuple';
  }

  orderedDict(): string {
    this.#modules.add('from collections import OrderedDict');
    return 'OrderedDict';
  }

  torch(imported: string): string {
    this.#modules.add('import torch');
    return `torch.${imported}`;
  }

  nn(imported: string): string {
    this.#modules.add('from torch import nn');
    return `nn.${imported}`;
  }

  functional(imported: string): string {
    this.#modules.add('import torch.nn.functional as F');
    return `F.${imported}`;
  }

  /** What the code still uses, in the order of isort: the standard library, PyTorch, our own. */
  lines(code: readonly string[]): readonly string[] {
    const used = new Set(code.join('\n').match(/\w+/g));
    const standard = [
      'import math',
      'from collections import OrderedDict',
      'from typing import NamedTuple',
    ].filter((one) => this.#modules.has(one));
    const torch = ['import torch', 'import torch.nn.functional as F', 'from torch import nn'].filter((one) =>
      this.#modules.has(one),
    );
    const own = [...this.#support]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([module, names]) => [module, [...names].filter((one) => used.has(one))] as const)
      .filter(([, names]) => names.length > 0)
      .flatMap(([module, names]) => importLines(`support.${module}`, [...names].sort(byCase)));
    return [standard, torch, own]
      .filter((block) => block.length > 0)
      .flatMap((block, i) => (i === 0 ? block : ['', ...block]));
  }
}

/** Constants, classes, functions, each in the order of the alphabet. */
function byCase(a: string, b: string): number {
  const kind = (one: string): number => (/^[A-Z]/.test(one) ? 0 : 1);
  return kind(a) - kind(b) || (a < b ? -1 : 1);
}

function importLines(module: string, names: readonly string[]): readonly string[] {
  const one = `from ${module} import ${names.join(', ')}`;
  if (one.length <= WIDTH) return [one];
  return [`from ${module} import (`, ...names.flatMap((each) => lines('', name(each), ',', 1)), ')'];
}
