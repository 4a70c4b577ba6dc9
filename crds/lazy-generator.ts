// Keeps the generator and its schema library out of programs that only serve the CRDs.

/** The generated files by name; loads the schema library, so only for generating and verifying. */
export async function generateCrdFiles(): Promise<ReadonlyMap<string, string>> {
  return (await import('./generate.ts')).generatedFiles();
}
