import type { Model } from "../accounts/models.js";
import { type Route, routes } from "./routes.js";
import type { Runtime } from "./runtime.js";

/** The auth routes of a model as OpenAPI 3.1, made of the route table. */
export function openApi({ settings }: Runtime, model: Model): Record<string, unknown> {
  const names = settings.headersNames;
  const credentials = [names["access-token"], names.client, names.uid];
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `${model.mountAt}${route.path === "/" ? "" : route.path}`.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, model, credentials) };
  }
  return {
    openapi: "3.1.0",
    info: { title: `Accounts of the model ${model.name}`, version: "1" },
    servers: [{ url: settings.baseUrl }],
    paths,
    components: {
      securitySchemes: Object.fromEntries(
        credentials.map((name) => [name, { type: "apiKey", in: "header", name }]),
      ),
      schemas: {
        Errors: {
          type: "object",
          required: ["errors"],
          properties: {
            success: { const: false },
            errors: { oneOf: [{ type: "array", items: { type: "string" } }, { type: "object" }] },
          },
        },
      },
    },
  };
}

function operation(route: Route, model: Model, credentials: readonly string[]): Record<string, unknown> {
  const own =
    route.path !== "/"
      ? []
      : model.fields.filter((field) => (route.method === "POST" ? field.onSignUp : field.onAccountUpdate));
  const properties = Object.fromEntries([
    ...route.params.map((name) => [name.replace("!", ""), { type: "string" }]),
    ...own.map((field) => [field.name, { type: field.type }]),
  ]);
  const required = route.params.filter((name) => name.endsWith("!")).map((name) => name.slice(0, -1));
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery =
    route.method !== "GET"
      ? []
      : Object.entries(properties).map(([name, schema]) => ({
          name,
          in: "query",
          required: required.includes(name),
          schema,
        }));
  const hasBody = route.method !== "GET" && Object.keys(properties).length > 0;
  return {
    summary: route.summary,
    // All three headers together.
    security: [
      ...(route.authenticated ? [Object.fromEntries(credentials.map((name) => [name, []]))] : []),
      ...(route.authenticated === "or link" ? [{}] : []),
    ],
    parameters: [...inPath, ...inQuery],
    ...(hasBody
      ? {
          requestBody: {
            content: {
              "application/json": {
                schema: { type: "object", properties, ...(required.length > 0 ? { required } : {}) },
              },
            },
          },
        }
      : {}),
    responses: {
      "200": { description: "Done" },
      default: {
        description: "Refused",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Errors" } } },
      },
    },
  };
}
