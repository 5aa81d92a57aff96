// Every copy of Keyturn in a process has the same one: the command line, and the one that a configuration file imports.
const withoutSecrets = Symbol.for("keyturn.without-secrets");

/** Whether it is a mistake that a secret is missing: one of a provider, `serverKeys` of kept tokens, the mail server in production. */
export function areSecretsNeeded(): boolean {
  return !(withoutSecrets in globalThis);
}

/**
 * For a command that asks no provider and mails nothing, such as `keyturn migrate`. Said before the configuration file is loaded, because
 * that file may call `createAuth` itself.
 */
export function doWithoutSecrets(): void {
  Object.defineProperty(globalThis, withoutSecrets, { value: true, configurable: true });
}
