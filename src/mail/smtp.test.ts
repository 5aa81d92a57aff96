import { connect, createServer, type Server } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, describe, expect, test } from "vitest";
import { createMailRenderer } from "./render.js";
import { type SmtpTransport, smtp } from "./smtp.js";

interface Delivery {
  readonly recipients: readonly string[];
  readonly user: unknown;
  readonly mail: Email;
}

interface Mailbox {
  readonly port: number;
  readonly deliveries: readonly Delivery[];
  /** How many connections have ended. */
  readonly closed: () => number;
}

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A real SMTP server on a free port, without TLS. */
async function mailbox(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const deliveries: Delivery[] = [];
  let closed = 0;
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      done(password === "p@ss:w%rd" ? null : new Error("Wrong password"), { user: username }),
    onClose: () => {
      closed += 1;
    },
    async onData(stream, session, done) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk));
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      deliveries.push({
        recipients,
        user: session.user,
        mail: await PostalMime.parse(Buffer.concat(chunks)),
      });
      done();
    },
    ...options,
  });
  server.on("error", () => undefined);
  const port = await listen(server.server);
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port, deliveries, closed: () => closed };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

function open(...args: Parameters<typeof smtp>): SmtpTransport {
  const transport = smtp(...args);
  closers.push(() => transport.close());
  return transport;
}

const message = {
  to: "ada@example.com",
  from: "App <no-reply@example.com>",
  subject: "Hi",
  text: "t",
  html: "<p>h</p>",
  headers: {},
};

describe("a mail sent over SMTP", () => {
  test("arrives with its subject, bodies, headers and whole link", async () => {
    const { port, deliveries } = await mailbox();
    const url = `https://api.example.com/auth/confirmation?token=${"a1B2".repeat(40)}&redirect_url=https%3A%2F%2Fapp.example%2F${"x".repeat(500)}`;
    const render = createMailRenderer({ from: "Obstgärten <no-reply@example.com>", appName: "Obstgärten" });
    const rendered = render("confirmation_instructions", {
      to: "ada@example.com",
      model: "user",
      account: {},
      url,
      config: "mobile",
      redirectUrl: "https://app.example/welcome",
    });
    await open(`smtp://127.0.0.1:${port}`)(rendered);

    expect(deliveries).toHaveLength(1);
    const { mail, recipients } = deliveries[0] ?? { mail: undefined, recipients: [] };
    expect(recipients).toEqual(["ada@example.com"]);
    expect(mail?.from).toEqual({ name: "Obstgärten", address: "no-reply@example.com" });
    expect(mail?.subject).toBe("Confirmation instructions");
    expect(mail?.text?.trim()).toBe(rendered.text.trim());
    expect(mail?.html?.trim()).toBe(rendered.html.trim());
    expect(mail?.text).toContain(`\n${url}\n`);
    const headers = Object.fromEntries(mail?.headers.map(({ key, value }) => [key, value]) ?? []);
    expect(headers).toMatchObject({
      "client-config": "mobile",
      "redirect-url": "https://app.example/welcome",
      "auto-submitted": "auto-generated",
      "message-id": rendered.headers["message-id"],
      "x-entity-ref-id": rendered.headers["x-entity-ref-id"],
    });
    // Some servers refuse a mail with two.
    expect(mail?.headers.filter(({ key }) => key === "message-id")).toHaveLength(1);
  });

  test("goes to one recipient and has no header more, whatever its parts hold", async () => {
    const { port, deliveries } = await mailbox();
    await open(`smtp://127.0.0.1:${port}`)({
      ...message,
      subject: "Hi\r\nBcc: eve@example.com",
      headers: { "redirect-url": "x\r\nBcc: eve@example.com" },
    });
    expect(deliveries[0]?.recipients).toEqual(["ada@example.com"]);
    expect(deliveries[0]?.mail.bcc ?? []).toEqual([]);

    await open(`smtp://127.0.0.1:${port}`)({ ...message, to: "ada@example.com, eve@example.com" }).catch(
      () => undefined,
    );
    expect(deliveries.flatMap(({ recipients }) => recipients)).not.toContain("eve@example.com");
  });

  test("is preceded by the user name and password of the URL, decoded", async () => {
    const { port, deliveries } = await mailbox();
    await open(`smtp://app%40example.com:${encodeURIComponent("p@ss:w%rd")}@127.0.0.1:${port}`)(message);
    expect(deliveries[0]?.user).toBe("app@example.com");
  });

  test("shares a connection with the next one", async () => {
    let connections = 0;
    const { port, deliveries } = await mailbox({
      onConnect: (_session, done) => {
        connections += 1;
        done();
      },
    });
    const send = open({ host: "127.0.0.1", port });
    await send(message);
    await send(message);
    expect(deliveries).toHaveLength(2);
    expect(connections).toBe(1);
  });

  test.each([
    ["as planned", { idleTimeout: 100, socketTimeout: 2_000 }],
    ["by the time limit of the socket", { socketTimeout: 500 }],
  ])("still arrives after a pause in which the idle connection was closed %s", async (_how, limits) => {
    const { port, deliveries, closed } = await mailbox();
    const send = open({ host: "127.0.0.1", port, ...limits });
    await send(message);
    await expect.poll(closed, { timeout: 3_000 }).toBe(1);
    await send(message);
    expect(deliveries).toHaveLength(2);
  });
});

describe("a mail that cannot be sent", () => {
  test("is a rejection when the server refuses the recipient", async () => {
    const { port } = await mailbox({
      onRcptTo: (_address, _session, done) => done(new Error("No such mailbox")),
    });
    await expect(open({ host: "127.0.0.1", port })(message)).rejects.toThrow("No such mailbox");
  });

  test("is a rejection without the password when the server refuses it", async () => {
    const { port, deliveries } = await mailbox();
    const failure = await open(`smtp://app:hunter2@127.0.0.1:${port}`)(message).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain("hunter2");
    expect(deliveries).toEqual([]);
  });

  test("is a rejection when nothing listens", async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(open({ host: "127.0.0.1", port })(message)).rejects.toThrow("ECONNREFUSED");
  });

  test("is a rejection when the server never says a word", async () => {
    const silent = createServer((socket) => closers.push(() => socket.destroy()));
    const port = await listen(silent);
    closers.push(() => new Promise((resolve) => silent.close(resolve)));
    const started = Date.now();
    await expect(open(`smtp://127.0.0.1:${port}?greetingTimeout=100`)(message)).rejects.toThrow(/greeting/i);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test("is a rejection after close", async () => {
    const { port, deliveries } = await mailbox();
    const send = open({ host: "127.0.0.1", port });
    send.close();
    await expect(send(message)).rejects.toThrow("closed");
    expect(deliveries).toEqual([]);
  });
});

describe("a user name and password", () => {
  test("are not sent without TLS to another machine", async () => {
    const { port, deliveries } = await mailbox();
    // Reaches the same server under a name that is not known to be this machine.
    const socketless = { host: "mail.example.com", port, getSocket: toLoopback(port) };
    await expect(open({ ...socketless, auth: { user: "app", pass: "p@ss:w%rd" } })(message)).rejects.toThrow(
      /TLS/,
    );
    expect(deliveries).toEqual([]);
    await open({ ...socketless, auth: { user: "app", pass: "p@ss:w%rd" }, requireTLS: false })(message);
    expect(deliveries[0]?.user).toBe("app");
  });
});

describe("the URL of the mail server", () => {
  test.each([
    "mail.example.com",
    "http://app:hunter2@mail.example.com",
    "smtp://",
    "smtp:app:hunter2@mail.example.com",
    "smtp://app:hunter2%zz@mail.example.com",
    "smtp://app:hunter2@mail.example.com:port",
    "",
  ])("is refused with advice and without its password: %s", (url) => {
    const attempt = () => open(url);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(/smtp:\/\/mail\.example\.com:587.*encodeURIComponent/);
    try {
      attempt();
    } catch (error) {
      const everything =
        error instanceof Error ? `${error.stack}${JSON.stringify(error)}${String(error.cause)}` : "";
      expect(everything).not.toContain("hunter2");
    }
  });

  test("is refused inside options too, and options without any server as well", () => {
    expect(() => open({ url: "http://mail.example.com" })).toThrow(TypeError);
    expect(() => open({})).toThrow("smtp() needs the address of a mail server");
  });
});

function toLoopback(port: number): NonNullable<Exclude<Parameters<typeof smtp>[0], string>["getSocket"]> {
  return (_options, callback) => {
    const connection = connect(port, "127.0.0.1", () => callback(null, { connection }));
  };
}
