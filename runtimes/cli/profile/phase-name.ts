/** The compiler marks its own phase, so that no update can have its name. */
export const phaseName = (name: string): string => name.replace(/^@/, '');
