import axios, { AxiosError, type InternalAxiosRequestConfig } from "axios";
import { describe, expect, test, vi } from "vitest";
import {
  apiUrl,
  openServer,
  person,
  signedIn,
  storedToken,
  turns,
} from "../../test/fixtures/client-world.js";
import { connectAxios } from "./axios.js";
import { createClientIn } from "./create-client.js";
import { connectNative, secureStorage } from "./native.js";
import type { Client } from "./types.js";
import { upload } from "./upload.js";

describe("axios", () => {
  /** An instance whose network is that of the tab. */
  const instanceFor = ({ server, client }: Awaited<ReturnType<typeof signedIn>>) => {
    const sent: InternalAxiosRequestConfig[] = [];
    let isLosing = false;
    const lose = (): void => {
      isLosing = true;
    };
    const instance = axios.create({
      baseURL: apiUrl,
      adapter: async (config) => {
        sent.push(config);
        const headers = config.headers.toJSON() as Record<string, string>;
        const init = { method: (config.method ?? "get").toUpperCase(), headers };
        const body = config.data === undefined ? {} : { body: String(config.data) };
        const answer = await server.answer(new Request(axios.getUri(config), { ...init, ...body }));
        if (isLosing) throw new AxiosError("Network Error", "ERR_NETWORK", config);
        const response = {
          data: await answer.json(),
          status: answer.status,
          statusText: "",
          headers: new axios.AxiosHeaders(Object.fromEntries(answer.headers)),
          config,
        };
        if (!answer.ok) throw new AxiosError("refused", "ERR_BAD_REQUEST", config, undefined, response);
        return response;
      },
    });
    const end = connectAxios(client as unknown as Client, instance);
    return { instance, sent, end, lose };
  };

  test("sends the token, keeps the next one, and leaves other origins alone", async () => {
    const made = await signedIn();
    const { instance, sent, end } = instanceFor(made);
    const first = storedToken(made.browser.stored);
    made.server.clock.forward("6s");
    expect((await instance.get("/members_only")).status).toBe(200);
    expect(storedToken(made.browser.stored)).not.toBe(first);
    await instance.get("http://evil.test/").catch(() => {});
    expect(sent.at(-1)?.headers.has("access-token")).toBe(false);
    end();
    await instance.get("/members_only").catch(() => {});
    expect(sent.at(-1)?.headers.has("access-token")).toBe(false);
  });

  test("an ended session is found out with one check; the error is the caller's, and is not repeated for ever", async () => {
    const made = await signedIn();
    const { instance, sent } = instanceFor(made);
    await made.server.auth.accounts.endAllSessions("user");
    await expect(instance.post("/members_only", "x")).rejects.toMatchObject({ response: { status: 401 } });
    expect(made.client.state.status).toBe("signed-out");
    expect(sent).toHaveLength(1);
  });

  test("a lost response is not sent again, and its successor is fetched", async () => {
    const made = await signedIn({ lostResponses: "expire" });
    const { instance, sent, lose } = instanceFor(made);
    const first = storedToken(made.browser.stored);
    made.server.clock.forward("6s");
    lose();
    await expect(instance.post("/members_only", "x")).rejects.toMatchObject({ code: "ERR_NETWORK" });
    await turns(20);
    expect(sent).toHaveLength(1);
    expect(storedToken(made.browser.stored)).not.toBe(first);
  });
});

describe("React Native", () => {
  test("a link that started the app, one that comes later, and coming back to the foreground", async () => {
    const calls: string[] = [];
    const client = {
      wake: () => void calls.push("wake"),
      handleUrl: async (url: string) => void calls.push(url),
    } as unknown as Client;
    let change = (_state: string): void => {};
    let url = (_event: { url: string }): void => {};
    const remove = vi.fn();
    const end = connectNative(client, {
      AppState: {
        addEventListener(_name, listener) {
          change = listener;
          return { remove };
        },
      },
      Linking: {
        getInitialURL: async () => "myapp://first",
        addEventListener(_name, listener) {
          url = listener;
          return { remove };
        },
      },
    });
    await turns();
    change("background");
    change("active");
    url({ url: "myapp://second" });
    expect(calls).toEqual(["myapp://first", "wake", "myapp://second"]);
    end();
    expect(remove).toHaveBeenCalledTimes(2);
  });

  test("holds a session without a document, in a secure store with its own kind of keys", async () => {
    const server = await openServer();
    const values = new Map<string, string>();
    const storage = secureStorage({
      getItemAsync: async (key) => values.get(key) ?? null,
      setItemAsync: async (key, value) => void values.set(key, value),
      deleteItemAsync: async (key) => void values.delete(key),
    });
    const phone = {
      fetch: async (request: Request) => server.answer(request),
      navigator: { product: "ReactNative" },
      window: {},
      setTimeout,
      clearTimeout,
      Date: { now: () => server.clock.now },
    };
    const client = createClientIn(phone, { apiUrl, storage });
    await client.ready;
    await client.signIn(person);
    await turns();
    const [[key, value] = ["", ""]] = [...values];
    expect(key).toMatch(/^[\w.-]+$/);
    expect(value.length).toBeLessThan(2048);
    expect(createClientIn(phone, { apiUrl }).storage).toBe("memory");
    await client.signOut();
    await turns();
    expect(value).toContain("token");
    expect(values.get(key)).not.toContain("token");
  });
});

describe("upload", () => {
  test("needs XMLHttpRequest, and says what to use without it", async () => {
    const { client } = await signedIn();
    await expect(upload(client as unknown as Client, "/members_only", "x")).rejects.toThrow(/client\.fetch/);
  });
});
