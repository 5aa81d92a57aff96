/** A package that is needed and not installed. The message says what for, and how to install it. */
export class PackageMissing extends Error {
  override readonly name = "PackageMissing";
}

/** Loads the module that uses the package of a database. Throws a PackageMissing if that package is not installed. */
export async function loadDriver<T>(database: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause;
    throw new PackageMissing(`${database} needs the package ${name}. Install it with: npm install ${name}`, {
      cause,
    });
  }
}

/** Whether an import failed because this package is not there, and not because of something that the package itself lacks. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    error.message.startsWith(`Cannot find package '${name}'`)
  );
}
