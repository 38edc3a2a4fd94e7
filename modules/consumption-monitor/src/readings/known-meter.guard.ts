import { type CanActivate, type ExecutionContext, Injectable, NotFoundException } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { ReadingsService } from './readings.service.js';

/** Lets requests for a meter pass only where there are readings of it. */
@Injectable()
export class KnownMeterGuard implements CanActivate {
  constructor(private readonly readings: ReadingsService) {}

  canActivate(context: ExecutionContext): boolean {
    const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { meterId: string } }>>();
    if (this.readings.knows(params.meterId)) return true;
    throw new NotFoundException(`There are no readings of the meter "${params.meterId}"`);
  }
}
