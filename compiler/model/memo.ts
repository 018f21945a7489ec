/** A value made on first use, that notices when it is asked for while it is being made. */
export function memo<T, From = void>(make: (from: From) => T, onCycle: () => Error): (from: From) => T {
  let state:
    { kind: 'new' } | { kind: 'making' } | { kind: 'made'; value: T } | { kind: 'failed'; error: unknown } = {
    kind: 'new',
  };
  return (from) => {
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
          const value = make(from);
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
