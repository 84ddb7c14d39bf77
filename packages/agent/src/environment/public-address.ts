/** The public address of an endpoint, as a service says that its operator chose; without one, nobody is asked. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { HttpsProxyAgent } from 'https-proxy-agent';

export interface AddressService {
  /** `http:` or `https:`; it answers with an address in plain text. Empty for none. */
  readonly url: string;
  /** Empty for none. */
  readonly proxy: string;
}

const patienceMs = 10_000;

/** Longest answer that is read, in characters: an address of IPv6 and a line end. */
const longestAnswer = 64;

export class PublicAddress {
  readonly #service: AddressService;
  readonly #onProblem: (error: Error) => void;
  #known: string;

  /** `known` is the address until the service has said another. `onProblem` hears why it did not answer with one. */
  constructor(known: string, service: AddressService, onProblem: (error: Error) => void) {
    this.#known = known;
    this.#service = service;
    this.#onProblem = onProblem;
  }

  /** The address that was said last; empty while none is known. */
  get current(): string {
    return this.#known;
  }

  /** Asks the service, if there is one. Gives whether the address has changed; never rejects. */
  async look(): Promise<boolean> {
    if (this.#service.url === '') return false;
    const before = this.#known;
    try {
      this.#known = await ask(this.#service);
    } catch (error) {
      this.#onProblem(error as Error);
    }
    return this.#known !== before;
  }
}

function ask({ url, proxy }: AddressService): Promise<string> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const agent = proxy === '' ? false : new HttpsProxyAgent(proxy);
    const asking = request(url, { agent, timeout: patienceMs, headers: { accept: 'text/plain' } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (part: string) => {
        text += part;
        if (text.length > longestAnswer) response.destroy(new Error(`${url}: expected an address, got a longer text`));
      });
      response.on('end', () => {
        const address = text.trim();
        if (response.statusCode === 200 && isIP(address) !== 0) resolve(address);
        else reject(new Error(`${url}: expected an address, got status ${response.statusCode} and '${address}'`));
      });
    });
    asking.on('timeout', () => asking.destroy(new Error(`${url}: no answer within ${patienceMs / 1000} s`)));
    asking.on('error', reject);
    asking.end();
  });
}
