/** The syntax tree of an expression in a spec. Every node keeps its place. Meaning is given by compiler/model. */
import type { Span } from '../diagnostics/diagnostic.js';

export type UnaryOperator = '-' | '!';
export type BinaryOperator =
  '+' | '-' | '*' | '/' | '%' | '**' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '&&' | '||';

export interface NamedArgument {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
}

export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  /** `50%`: a share, of the run where a duration is expected. `value` is 0.5. */
  | { readonly kind: 'percent'; readonly value: number; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  /** `critic.Lx` */
  | { readonly kind: 'member'; readonly object: string; readonly name: string; readonly span: Span }
  /** `D(x).features`: a tap or branch of what a network computed. `of` is a call. */
  | { readonly kind: 'field'; readonly of: Expression; readonly name: string; readonly span: Span }
  | {
      readonly kind: 'unary';
      readonly operator: UnaryOperator;
      readonly operand: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'call';
      readonly callee: string;
      readonly calleeSpan: Span;
      readonly arguments: readonly Expression[];
      readonly named: readonly NamedArgument[];
      readonly span: Span;
    }
  /** `[a, b]` */
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly span: Span };
