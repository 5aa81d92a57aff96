import { ConfigError } from "../errors.js";
import { modelKeys } from "./models.js";
import { suggestion } from "./nearest-name.js";
import { settingNames, variableSettings } from "./resolve.js";

const prefix = "KEYTURN_";

/**
 * Reads single settings from environment variables: `KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE=0s`. Lists are separated by commas,
 * `headersNames` and `cors` are JSON. Throws a ConfigError that names every variable that is not a setting.
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const byVariable = new Map([...variableSettings.keys()].map((name) => [variableOf(name), name]));
  const settings: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || value === undefined) continue;
    const name = byVariable.get(variable);
    if (name === undefined) problems.push(`${variable}: ${sayUnknown(variable, [...byVariable.keys()])}`);
    else settings[name] = variableSettings.get(name) === "list" ? splitList(value) : readValue(value);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return settings;
}

function sayUnknown(variable: string, variables: readonly string[]): string {
  const isFor = (name: string): boolean => variableOf(name) === variable;
  const setting = settingNames.find(isFor);
  if (setting !== undefined) return `no variable can set ${setting}; write it into the configuration`;
  const ofModel = modelKeys.find(isFor);
  if (ofModel !== undefined)
    return `each model has its own ${ofModel}; write it into the configuration, as models.user.${ofModel}`;
  return `there is no setting of that name${suggestion(variable, variables)}`;
}

/** The variable that sets a setting. */
export function variableOf(setting: string): string {
  return prefix + setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function splitList(value: string): readonly string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

// Truth values, numbers, null and objects are written as in JSON; everything else is text.
function readValue(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
