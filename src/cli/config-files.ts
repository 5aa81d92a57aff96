/**
 * Names under which a configuration is looked for, in this order. `auth.*` is what `keyturn init` and the documentation call the file;
 * `keyturn.config.*` is for apps that have an `auth` of their own, and for `keyturn serve`.
 */
export const configFiles: readonly string[] = [
  "keyturn.config.js",
  "keyturn.config.mjs",
  "keyturn.config.ts",
  "keyturn.config.mts",
  "keyturn.config.json",
  "src/keyturn.config.ts",
  "src/keyturn.config.mts",
  "src/keyturn.config.js",
  "auth.ts",
  "auth.mts",
  "auth.js",
  "auth.mjs",
  "src/auth.ts",
  "src/auth.mts",
  "src/auth.js",
  "src/auth.mjs",
];
