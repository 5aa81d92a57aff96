import type { Model } from "../accounts/models.js";
import type { ResolvedSettings } from "../config/resolve.js";
import type { Route } from "../features/feature.js";

/** Notes the names of a request's parameters that the action does not take. `areNested`: because they are lists or objects. */
export type NoteDropped = (route: Route, model: Model, names: Iterable<string>, areNested?: boolean) => void;

/** What old clients and frameworks send beside the parameters of the actions. */
const usual = ["unbatch", "config", "confirm_error_url", "resource_class", "format", "utf8", "_method"];
/** Names are the sender's, so there is an end to those that are kept. */
const mostNames = 200;
const longestName = 64;
const nested = ": it is a list or an object, and parameters are texts, numbers, true, false or null.";

/**
 * For development: tells the logger of each parameter that was dropped, once, with the setting that would permit it. The parameters of
 * the protocol are never among them, whichever action they were sent to.
 */
export function createDroppedNotes(
  routes: readonly Route[],
  { headersNames, botCheck, logger }: Pick<ResolvedSettings, "headersNames" | "botCheck" | "logger">,
): NoteDropped {
  const told = new Set<string>();
  const protocol = new Set([...usual, ...Object.values(headersNames), ...(botCheck?.check.parameters ?? [])]);
  const isProtocol = (name: string, model: Model): boolean =>
    protocol.has(name) ||
    name.startsWith("omniauth_") ||
    routes.some((route) =>
      inputNames(route, { ...model, fields: [], authenticationKeys: [] }).includes(name),
    );
  const isTaken = (route: Route, model: Model, name: string): boolean =>
    inputNames(route, model).includes(name) ||
    (model.permittedParameters[route.name] ?? []).includes(name) ||
    isProtocol(name, model);
  return (route, model, names, areNested = false) => {
    for (const name of names) {
      const key = `${model.name} ${route.name} ${name}`;
      if (told.has(key) || told.size >= mostNames || name.length > longestName) continue;
      if (!areNested && isTaken(route, model, name)) continue;
      told.add(key);
      logger.warn(
        {},
        `${route.name} of ${model.name} dropped the parameter ${JSON.stringify(name)}${areNested ? nested : `. ${permission(route, model, name)}`}`,
      );
    }
  };
}

function inputNames(route: Route, model: Model): readonly string[] {
  return Object.keys(route.input?.(model).shape ?? {});
}

/** The setting that would permit a parameter. */
function permission({ name: action, input }: Route, model: Model, name: string): string {
  const place = `models.${model.name}`;
  const toOwnCode = `${place}.permittedParameters: { ${action}: [${JSON.stringify(name)}] } says that your own code takes it`;
  const field = model.fields.find((one) => one.name === name);
  const use = takesFields(input, model);
  if (use === undefined) return `${toOwnCode}.`;
  return field
    ? `${place}.fields.${name}.writable: "${use}" stores it; ${toOwnCode}.`
    : `${place}.fields: { ${JSON.stringify(name)}: { type: "string", writable: "${use}" } } stores it; ${toOwnCode}.`;
}

/** Which of the fields an action takes: asked with a model that has one of each. */
function takesFields(input: Route["input"], model: Model): "sign_up" | "account_update" | undefined {
  const field = { column: "f", type: "string", maxLength: 1, required: false } as const;
  const fields = [
    { ...field, name: "sign_up", onSignUp: true, onAccountUpdate: false },
    { ...field, name: "account_update", onSignUp: false, onAccountUpdate: true },
  ];
  const taken = Object.keys(input?.({ ...model, fields }).shape ?? {});
  return (["sign_up", "account_update"] as const).find((use) => taken.includes(use));
}
