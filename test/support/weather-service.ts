import type { IncomingMessage, ServerResponse } from 'node:http';
import { startHttpServer } from '../agent/support/http-server.ts';

/** One question that the service was asked. */
export interface WeatherRequest {
  readonly method: string | undefined;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
}

/**
 * Tomorrow.io's realtime weather, as its reference has it: the key in the header `apikey`, the place in the query.
 *
 * @see https://docs.tomorrow.io/reference/realtime-weather
 */
export async function startWeatherService(acceptsKey: (key: string) => boolean) {
  const service = {
    url: '',
    requests: [] as WeatherRequest[],
    /** What it knows, by place in lower case. */
    places: {
      seoul: { name: 'Seoul, South Korea', values: seoul },
    } as Record<string, { readonly name?: string; readonly values: object }>,
    /** Takes the place of the answer, while it is set. */
    script: undefined as ((request: IncomingMessage, response: ServerResponse) => void) | undefined,
    close: async () => {},
  };
  const server = await startHttpServer((request, response) => {
    const url = new URL(request.url ?? '', server.url);
    service.requests.push({ method: request.method, url, headers: request.headers });
    if (service.script) return service.script(request, response);
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const key = String(request.headers.apikey ?? '');
    // It quotes the key, as a service may do and ours must not pass on.
    if (!acceptsKey(key)) return answer(401, { code: 401001, type: 'Invalid Auth', message: `No such key: ${key}` });
    const place = service.places[url.searchParams.get('location')?.toLowerCase() ?? ''];
    if (url.pathname !== '/v4/weather/realtime') return answer(404, { code: 404001, type: 'Not Found' });
    if (!place) return answer(400, { code: 400001, type: 'Invalid Query Parameters', message: 'failed to query' });
    answer(200, {
      data: { time: '2026-11-24T02:00:00Z', values: place.values },
      location: { lat: 37.5, lon: 127, ...(place.name && { name: place.name }), type: 'administrative' },
    });
  });
  return Object.assign(service, server, { url: `${server.url}/v4` });
}

const seoul = {
  cloudCover: 96,
  dewPoint: 2.1,
  humidity: 64,
  temperature: 8.4,
  temperatureApparent: 6.9,
  weatherCode: 4200,
  windSpeed: 3.2,
};

/** What the agent's tool says of Seoul. */
export const seoulInWords =
  'The weather in Seoul, South Korea: light rain, 8.4 °C, feels like 6.9 °C, humidity 64 %, wind 3.2 m/s.';
