/** The option by which a command is told its configuration. */
export const configOption = [
  "-c, --config <file>",
  "configuration file (.js, .mjs, .ts or .json)",
  "keyturn.config.js",
] as const;
