/** A value made on first use, that notices when it is asked for while it is being made. */
export function memo<T>(make: () => T, onCycle: () => Error): () => T {
  let state:
    { kind: 'new' } | { kind: 'making' } | { kind: 'made'; value: T } | { kind: 'failed'; error: unknown } = {
    kind: 'new',
  };
  return () => {
    switch (state.kind) {
      case 'made':
        return state.value;
      case 'making':
        throw onCycle();
      case 'failed':
        throw state.error;
      case 'new':
        state = { kind: 'making' };
        try {
          const value = make();
          state = { kind: 'made', value };
          return value;
        } catch (error) {
          state = { kind: 'failed', error };
          throw error;
        }
      default:
        throw new Error(`internal: ${String(state satisfies never)}`);
    }
  };
}
