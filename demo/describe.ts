import type { Model, Registry } from "../src/accounts/models.js";
import type { Resolved } from "../src/config/settings.js";

/** Where the demo shows that an account of one model, or of a group, is let in. */
export interface Door {
  readonly path: string;
  /** Model or group. */
  readonly audience: string;
}

const membersPath = "/demo/members_only";

/** The protected routes of the demo: `/demo/members_only` is the seeds' name for the users' own. */
export function doorsOf({ models, groups }: Registry): readonly Door[] {
  const members = membersModel(models);
  return [
    { path: membersPath, audience: members.name },
    { path: "/demo/slow", audience: members.name },
    ...models.map((model) => ({ path: pathOf(model, members), audience: model.name })),
    ...Object.keys(groups).map((name) => ({ path: `/demo/${name}_group`, audience: name })),
  ];
}

/** What the page needs to know of the server to draw itself, for any configuration. Nothing of it is secret. */
export function describeServer(
  registry: Registry,
  settings: Resolved,
  shows: { readonly inbox: boolean; readonly events: boolean },
): object {
  const doors = doorsOf(registry);
  const doorOf = (audience: string): string | undefined =>
    doors.find((door) => door.audience === audience)?.path;
  return {
    models: registry.models.map((model) => ({
      name: model.name,
      mountAt: model.mountAt,
      confirmable: model.confirmable,
      registration: model.registration,
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

function membersModel(models: readonly Model[]): Model {
  const found = models.find((model) => model.name === "user") ?? models[0];
  if (!found) throw new TypeError("The configuration has no models");
  return found;
}

// A model called "member" beside "user" would claim the users' path.
function pathOf(model: Model, members: Model): string {
  const path = `/demo/${model.name}s_only`;
  return path === membersPath && model !== members ? `/demo/${model.name}_only` : path;
}
