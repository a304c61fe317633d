import { FerBenchError } from "./errors.ts";

/** What is used of an answer. */
export interface WebAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Asks addresses of the web, by the proxy that the environment names. */
export interface WebClient {
  get(url: string, options: { headers: Record<string, string>; signal: AbortSignal }): Promise<WebAnswer>;
  close(): Promise<void>;
}

/** The variables that name a proxy, of those that are set. */
export function proxyVariables(): string[] {
  return ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].filter((name) => process.env[name]);
}

/**
 * A client that goes through HTTPS_PROXY and HTTP_PROXY, but to the hosts of NO_PROXY, on every version of Node: undici,
 * since the `fetch` of Node 20 knows no proxy. Errors: `bad-config` where such a variable holds no address.
 */
export async function openWebClient(): Promise<WebClient> {
  // Loaded here: most runs download nothing.
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const dispatcher = (() => {
    try {
      return new EnvHttpProxyAgent();
    } catch (cause) {
      throw new FerBenchError("bad-config", `no address of a proxy: ${(cause as Error).message}`, {
        field: proxyVariables().join(", "),
        remedy: "give an address such as http://proxy.example:3128, or unset the variable",
        cause,
      });
    }
  })();
  return {
    get: (url, options) => fetch(url, { ...options, dispatcher }),
    close: () => dispatcher.destroy(),
  };
}
