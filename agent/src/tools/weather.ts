import { tool } from '@strands-agents/sdk';
import { z } from 'zod';

/** The weather, as in the tutorial: it is always sunny. README.md shows how to ask a weather service instead. */
export const weather = tool({
  name: 'weather',
  description: 'Tells the weather now.',
  inputSchema: z.object({
    place: z.string().max(200).optional().describe('A city or region, such as Seoul. Leave out for the weather here.'),
  }),
  callback: ({ place }) => (place?.trim() ? `The weather in ${place.trim()} is sunny.` : 'The weather is sunny.'),
});
