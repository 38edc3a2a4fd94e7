import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { MeterAnswerDto } from '../readings/dto/meter-answer.dto.js';
import { type Reading } from '../readings/reading.entity.js';

/** Asks one meter for its reading. Rejects where it does not answer, or not with a reading. */
export async function fetchReading(url: URL, signal: AbortSignal): Promise<Reading> {
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  const answer = plainToInstance(MeterAnswerDto, await response.json());
  const [problem] = await validate(answer, { forbidUnknownValues: true });
  if (problem) throw new Error(`it answered with a wrong ${problem.property}`);
  const { meterId, timestamp, powerW, energyKwh } = answer;
  return { meterId, timestamp, powerW, energyKwh };
}
