import { z } from "zod";
import type { Model } from "../accounts/models.js";
import type { BotCheck } from "../checks/bot-check.js";
import type { ResolvedSettings } from "../config/resolve.js";
import { type ErrorCode, errorTable } from "../errors.js";
import type { Route } from "../features/feature.js";
import type { Runtime } from "./runtime.js";

type Json = Readonly<Record<string, unknown>>;

/** Errors that any route may respond with. */
const anywhere: readonly ErrorCode[] = [
  "malformed_body",
  "unsupported_media_type",
  "unavailable",
  "internal",
];

/** Those of an action with a bot check. */
const botCheckErrors: readonly ErrorCode[] = [
  "bot_check_required",
  "bot_check_failed",
  "bot_check_unavailable",
];

/** The auth routes of a model as OpenAPI 3.1, made of the routes themselves. */
export function openApi({ settings, routes }: Runtime, model: Model): Json {
  const names = settings.headersNames;
  const credentials = [names["access-token"], names.client, names.uid];
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    if (route.isFor?.(model) === false) continue;
    for (const spelt of speltOut(route, model, Object.keys(settings.providers))) {
      const path = `${model.mountAt}${spelt.path === "/" ? "" : spelt.path}`.replace(/:(\w+)/g, "{$1}");
      paths[path] = {
        ...paths[path],
        [spelt.method.toLowerCase()]: operation(spelt, model, credentials, settings),
      };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: `Accounts of the model ${model.name}`,
      version: "1",
      description: "Token authentication. A response carries the next credentials in its headers.",
    },
    servers: [{ url: settings.baseUrl }],
    tags: [{ name: model.name, description: `Accounts of the model ${model.name}` }],
    paths,
    components: {
      securitySchemes: Object.fromEntries(
        credentials.map((name) => [name, { type: "apiKey", in: "header", name }]),
      ),
      schemas: { Error: jsonSchema(errorSchema) },
    },
  };
}

/** A route once for each provider that its path may name: `/{provider}/nonce` could not be told from `/sessions/{id}`. */
function speltOut(route: Route, { omniauthable }: Model, all: readonly string[]): readonly Route[] {
  if (!route.path.startsWith("/:provider")) return [route];
  const names = typeof omniauthable === "boolean" ? all : omniauthable;
  return names.map((name) => ({
    ...route,
    path: route.path.replace(":provider", name),
    operationId: `${operationIdOf(route)}_${name}`,
  }));
}

function operationIdOf({ operationId, name }: Route): string {
  return operationId ?? name;
}

/** A parameter of the app's own. */
const parameter = z.union([z.string(), z.number(), z.boolean(), z.null()]).optional();

/** The body of an error, whatever the route. */
const errorSchema = z.looseObject({
  errors: z.union([z.array(z.string()), z.record(z.string(), z.array(z.string()))]),
  code: z.string(),
  codes: z.record(z.string(), z.array(z.string())).optional(),
});

function operation(
  route: Route,
  model: Model,
  credentials: readonly string[],
  settings: Pick<ResolvedSettings, "botCheck">,
): Json {
  const check = botCheckOf(route, settings);
  const input = inputOf(route, model, check?.parameters ?? []);
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const isQuery = route.method === "GET";
  return {
    operationId: `${model.name}_${operationIdOf(route)}`,
    tags: [model.name],
    summary: route.summary,
    description: `${route.summary}.`,
    security: securityOf(route, credentials),
    parameters: [...inPath, ...(input && isQuery ? inQuery(input) : [])],
    ...(input && !isQuery
      ? { requestBody: { required: true, content: { "application/json": { schema: input } } } }
      : {}),
    responses: { ...success(route, model), ...failures(route, check ? botCheckErrors : []) },
  };
}

function botCheckOf({ name }: Route, { botCheck }: Pick<ResolvedSettings, "botCheck">): BotCheck | undefined {
  return (botCheck?.for as readonly string[] | undefined)?.includes(name) ? botCheck?.check : undefined;
}

/** What the route takes, and what the app and a bot check take beside it. */
function inputOf({ input, name }: Route, model: Model, besides: readonly string[]): Json | undefined {
  const names = [...(model.permittedParameters[name] ?? []), ...besides];
  const own = Object.fromEntries(names.map((one) => [one, parameter]));
  return input || names.length > 0 ? jsonSchema((input?.(model) ?? z.object()).extend(own)) : undefined;
}

function securityOf({ access }: Route, credentials: readonly string[]): readonly Json[] {
  // All three headers together.
  const session = Object.fromEntries(credentials.map((name) => [name, []]));
  return access === "session" ? [session] : access === "session or link" ? [session, {}] : [{}];
}

function inQuery({ properties, required }: Json): readonly Json[] {
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties as Json).map(([name, schema]) => ({
    name,
    in: "query",
    required: needed.includes(name),
    schema,
  }));
}

function success({ output }: Route, model: Model): Json {
  if (output === "redirect")
    return {
      "302": {
        description: "To the allowed redirect URL, with the outcome in its query",
        headers: { location: { schema: { type: "string" } } },
      },
    };
  return {
    "200": { description: "Done", content: { "application/json": { schema: jsonSchema(output(model)) } } },
  };
}

/** One response for each status, which names the codes that it stands for. */
function failures(route: Route, more: readonly ErrorCode[]): Json {
  const codes = [
    ...route.errors,
    ...more,
    ...(route.access === "session" ? [route.unauthenticated] : []),
    ...anywhere,
  ];
  const statuses = [...new Set(codes.map((code) => errorTable[code]))].sort();
  const codesOf = (status: number): string => codes.filter((code) => errorTable[code] === status).join(", ");
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: `Error: ${codesOf(status)}`,
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    ]),
  );
}

function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
