import type { Auth } from "keyturn";
import { internals } from "keyturn/adapter-kit";
import type { Example } from "./examples.js";

type Registry = Auth[typeof internals]["registry"];
type Model = Registry["models"][number];

/** A route of the demo that lets in the accounts of one model, or of a group. */
export interface Door {
  readonly path: string;
  /** Model or group. */
  readonly audience: string;
}

const membersPath = "/demo/members_only";

/** The protected routes of the demo. `/demo/members_only` is for the model `user`, or else for the first model. */
export function doorsOf({ models, groups }: Registry): readonly Door[] {
  const members = membersModel(models);
  return [
    { path: membersPath, audience: members.name },
    { path: "/demo/slow", audience: members.name },
    ...models.map((model) => ({ path: pathOf(model, members), audience: model.name })),
    ...Object.keys(groups).map((name) => ({ path: `/demo/${name}_group`, audience: name })),
  ];
}

/** What the page needs to know about the server, for any configuration. Nothing of it is secret. */
export function describeServer(
  auth: Auth,
  shows: { readonly inbox: boolean; readonly events: boolean; readonly examples: readonly Example[] },
): object {
  const { registry, settings } = auth[internals];
  const doors = doorsOf(registry);
  const doorOf = (audience: string): string | undefined =>
    doors.find((door) => door.audience === audience)?.path;
  return {
    models: registry.models.map((model) => ({
      name: model.name,
      mountAt: model.mountAt,
      confirmable: model.confirmable,
      registration: model.registration,
      providers: providersOf(model, settings.providers),
      path: doorOf(model.name),
      fields: model.fields.map(({ column: _column, maxLength: _longest, ...field }) => field),
    })),
    groups: Object.entries(registry.groups).map(([name, models]) => ({ name, models, path: doorOf(name) })),
    window: settings.batchRequestBufferThrottle,
    rotates: settings.changeHeadersOnEachRequest,
    batchResponses: settings.batchResponses,
    lostResponses: settings.lostResponses,
    headerNames: settings.headersNames,
    passwordMinLength: settings.passwordMinLength,
    ...shows,
  };
}

/** Who accounts of a model may sign in with. */
function providersOf(
  { omniauthable }: Model,
  providers: Auth[typeof internals]["settings"]["providers"],
): readonly { readonly name: string; readonly label: string }[] {
  const offered = Object.entries(providers).map(([name, { label }]) => ({ name, label }));
  return typeof omniauthable === "boolean"
    ? offered.filter(() => omniauthable)
    : offered.filter(({ name }) => omniauthable.includes(name));
}

function membersModel(models: readonly Model[]): Model {
  const found = models.find((model) => model.name === "user") ?? models[0];
  if (!found) throw new TypeError("The configuration has no models");
  return found;
}

// The path of a model called "member" would be the path of the users.
function pathOf(model: Model, members: Model): string {
  const path = `/demo/${model.name}s_only`;
  return path === membersPath && model !== members ? `/demo/${model.name}_only` : path;
}
