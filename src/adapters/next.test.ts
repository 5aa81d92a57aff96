import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { createAuth } from "keyturn";
import { authenticated, handlers, identified, preflight, sharedAuth } from "keyturn/next";
import { sqlite } from "keyturn/sqlite";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { frontEnd, person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";

/** Route handlers as Next calls them: with a Request, where Node's own response is known and where it is not. */

const context = { params: Promise.resolve({ id: "7" }) };
const signal = (digest: string) => Object.assign(new Error("a signal of Next"), { digest });
const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  new Request(`http://localhost:3000${path}`, { method, headers });

/** What Next makes of a route handler: it hides Node's request and response, and gives errors a response of its own. */
function asNext(handler: (request: Request) => Response | Promise<Response>): RequestListener {
  const respond = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = req.method === "GET" || req.method === "HEAD" ? null : await buffer(req);
    req.headers["x-forwarded-for"] ??= req.socket.remoteAddress ?? "";
    const headers = new Headers(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    const request = new Request(`http://internal${req.url}`, { method: req.method ?? "GET", headers, body });
    const response = await run(handler, request);
    res.statusCode = response.status;
    for (const [name, value] of response.headers) res.appendHeader(name, value);
    if (response.body) for await (const chunk of response.body) res.write(chunk);
    res.end();
  };
  return (req, res) => void respond(req, res);
}

async function run(handler: (request: Request) => Response | Promise<Response>, request: Request) {
  try {
    return await handler(request);
  } catch {
    return new Response("broken", { status: 500 });
  }
}

describe("a guard where Node's response is not known", () => {
  test.each([
    ["a response", () => Response.json({}), 200],
    [
      "a response whose headers cannot be changed",
      () => Response.redirect("http://localhost:3000/there", 302),
      302,
    ],
    ["a stream", () => new Response(new ReadableStream({ start: (out) => out.close() })), 200],
    ["redirect()", () => Promise.reject(signal("NEXT_REDIRECT;replace;/a;b;307;")), 307],
    ["redirect() in a form's submission", () => Promise.reject(signal("NEXT_REDIRECT;push;/a;307;")), 303],
    ["permanentRedirect()", () => Promise.reject(signal("NEXT_REDIRECT;replace;/a;308;")), 308],
    ["notFound()", () => Promise.reject(signal("NEXT_HTTP_ERROR_FALLBACK;404")), 404],
    ["forbidden()", () => Promise.reject(signal("NEXT_HTTP_ERROR_FALLBACK;403")), 403],
    ["an error", () => Promise.reject(new Error("mine")), 500],
  ])("%s carries the next token, and no cache keeps it", async (name, respond, status) => {
    const { auth, held, carriesNext, lines } = await signedInAuth();
    const response = await authenticated(auth, "user", respond)(ask("/me", held), context);
    expect(response.status).toBe(status);
    expect(carriesNext(response)).toBe(true);
    expect(response.headers.get("cache-control")).toBe("no-store");
    if (name === "redirect()") expect(response.headers.get("location")).toBe("/a;b");
    expect(lines.map(({ message }) => message)).toEqual(
      name === "an error" ? ["A route handler failed"] : [],
    );
  });

  test("a signal of Next that is about no response goes on as it is", async () => {
    const { auth, held } = await signedInAuth();
    const bailout = signal("DYNAMIC_SERVER_USAGE");
    const guarded = authenticated(auth, "user", () => Promise.reject(bailout));
    await expect(guarded(ask("/me", held), context)).rejects.toBe(bailout);
  });

  test("a handler is given its model's account, and Next's own request and context", async () => {
    const { auth, held } = await signedInAuth();
    const request = ask("/posts/7", held);
    const guarded = authenticated(auth, "member", async (asked, { account, model }, { params }) =>
      Response.json({ isSame: asked === request, email: account.email, model, params: await params }),
    );
    expect(await (await guarded(request, context)).json()).toEqual({
      isSame: true,
      email: person.email,
      model: "user",
      params: { id: "7" },
    });
  });

  test("a stranger, and somebody of another model, is a 401 that its front end can read", async () => {
    const { auth, held } = await signedInAuth();
    const never = vi.fn(() => new Response());
    for (const [audience, headers] of [
      ["user", {}],
      ["admin", held],
    ] as const) {
      const response = await authenticated(
        auth,
        audience,
        never,
      )(ask("/me", { ...headers, origin: frontEnd }), context);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: "unauthenticated" });
      expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
    }
    expect(never).not.toHaveBeenCalled();
  });

  test("a route that is also for strangers knows who is none", async () => {
    const { auth, held, carriesNext } = await signedInAuth();
    const route = identified(auth, "user", (_, { account }) => new Response(account?.email ?? "stranger"));
    expect(await (await route(ask("/maybe"), context)).text()).toBe("stranger");
    const response = await route(ask("/maybe", held), context);
    expect([await response.text(), carriesNext(response)]).toEqual([person.email, true]);
  });

  test("a preflight is let in without a judgement, by a guard and by preflight()", async () => {
    const { auth } = await signedInAuth();
    const headers = { origin: frontEnd, "access-control-request-method": "GET" };
    const guard = authenticated(auth, "user", () => new Response());
    for (const respond of [(request: Request) => guard(request, context), preflight(auth)]) {
      const response = await respond(ask("/me", headers, "OPTIONS"));
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
    }
  });
});

describe("below a server of Node's, as in next start", () => {
  test("the response that Next makes of an error carries the next token, and the error is Next's to see", async () => {
    const { auth, held, carriesNext } = await signedInAuth();
    const thrown = new Error("mine");
    const seen: unknown[] = [];
    const guarded = authenticated(auth, "user", () => Promise.reject(thrown));
    const { ask: fetch } = await listen(
      asNext((request) =>
        guarded(request, context).catch((error) => {
          seen.push(error);
          throw error;
        }),
      ),
    );
    const response = await fetch("/me", { headers: held });
    expect([response.status, await response.text(), carriesNext(response)]).toEqual([500, "broken", true]);
    expect(seen).toEqual([thrown]);
  });

  test("a request that the app makes of its own, for another of its handlers, puts no token into this response", async () => {
    const { auth, held, carriesNext } = await signedInAuth();
    const inner = authenticated(auth, "user", () => new Response("inner"));
    const { ask: fetch } = await listen(
      asNext(async () => {
        const own = await inner(ask("/inner", held), context);
        return Response.json({ inner: carriesNext(own) });
      }),
    );
    const response = await fetch("/outer");
    expect([await response.json(), carriesNext(response)]).toEqual([{ inner: true }, false]);
  });

  test.each([
    ["its socket's, although Next writes X-Forwarded-For itself", [], {}, "127.0.0.1"],
    [
      "its socket's, whatever a stranger writes into X-Forwarded-For",
      [],
      { "x-forwarded-for": "203.0.113.9" },
      "127.0.0.1",
    ],
    [
      "what a listed proxy says, not what its client says",
      ["127.0.0.1"],
      { "x-forwarded-for": "198.51.100.1, 203.0.113.9" },
      "203.0.113.9",
    ],
  ])("a client's address is %s (security 48)", async (_, trustedProxies, headers, address) => {
    const addresses: unknown[] = [];
    const { auth } = await signedInAuth({
      trustedProxies,
      onEvent: (event) => void (event.name === "sign_in.failed" && addresses.push(event.address)),
    });
    const { ask: fetch } = await listen(asNext(handlers(auth).POST));
    const body = JSON.stringify({ ...person, password: "wrong" });
    const init = { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
    expect((await fetch("/auth/sign_in", init)).status).toBe(401);
    expect(addresses).toEqual([address]);
  });
});

describe("the auth routes", () => {
  test("respond on their own file, with a body, and by our host and not the request's", async () => {
    const { auth } = await signedInAuth();
    const { POST } = handlers(auth);
    const body = JSON.stringify(person);
    const headers = { "content-type": "application/json" };
    const response = await POST(
      new Request("http://evil.example/auth/sign_in", { method: "POST", body, headers }),
    );
    expect([response.status, response.headers.has("access-token")]).toEqual([200, true]);
  });

  test("below a basePath they need a baseUrl that ends with it, and say so", async () => {
    const below = (path: string) =>
      Object.assign(ask(path, { "access-token": "a" }), { nextUrl: { basePath: "/v1" } });
    const { auth, lines } = await signedInAuth();
    expect((await handlers(auth).GET(below("/v1/auth/validate_token"))).status).toBe(500);
    expect(String(lines[0]?.error)).toContain('Set baseUrl to "http://localhost:3000/v1"');
    const { auth: fitting } = await signedInAuth({ baseUrl: "http://localhost:3000/v1" });
    expect((await handlers(fitting).GET(below("/v1/auth/validate_token"))).status).toBe(401);
  });

  test("a route file where no model is mounted is a 404, and the log says where it belongs", async () => {
    const warnings: string[] = [];
    const logger = {
      info() {},
      error() {},
      warn: (_: object, message: string) => void warnings.push(message),
    };
    const { auth } = await signedInAuth({ logger, environment: "development" });
    expect((await handlers(auth).GET(ask("/api/auth/sign_in"))).status).toBe(404);
    expect(warnings.at(-1)).toContain(
      "app/auth/[[...keyturn]]/route.ts, app/admin_auth/[[...keyturn]]/route.ts",
    );
  });
});

test("the edge runtime is refused with a sentence that says what to take out", async () => {
  const { auth } = await signedInAuth();
  vi.stubEnv("NEXT_RUNTIME", "edge");
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const make of [
    () => handlers(auth),
    () => preflight(auth),
    () => authenticated(auth, "user", () => new Response()),
  ])
    expect(make).toThrow('take `export const runtime = "edge"` out of the route file');
});

test("however often a file is evaluated, a process has one Auth of a name", async () => {
  const { auth } = await signedInAuth();
  const { auth: other } = await signedInAuth();
  const never = () => expect.unreachable();
  expect(sharedAuth(() => auth, "one")).toBe(auth);
  expect(sharedAuth(never, "one")).toBe(auth);
  expect(sharedAuth(() => other, "two")).toBe(other);
});

test("a build of production needs no mail server, and a start does", () => {
  vi.stubEnv("NEXT_PHASE", "phase-production-build");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    Reflect.deleteProperty(globalThis, Symbol.for("keyturn.without-secrets"));
  });
  const make = () =>
    createAuth({
      baseUrl: "https://api.example.com",
      environment: "production",
      database: sqlite(":memory:"),
      models: { user: { mountAt: "/auth" } },
    });
  expect(make).toThrow("mail.send: is needed in production");
  expect(sharedAuth(make, "built")).toHaveProperty("handle");
});
