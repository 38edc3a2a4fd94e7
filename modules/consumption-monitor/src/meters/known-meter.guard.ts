import { type CanActivate, type ExecutionContext, Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FastifyRequest } from 'fastify';
import { Repository } from 'typeorm';
import { Meter } from './meter.entity.js';

/** Lets requests for a meter pass only where it has given a reading. */
@Injectable()
export class KnownMeterGuard implements CanActivate {
  constructor(@InjectRepository(Meter) private readonly meters: Repository<Meter>) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { meterId: string } }>>();
    if (await this.meters.existsBy({ id: params.meterId })) return true;
    throw new NotFoundException(`There are no readings of the meter "${params.meterId}"`);
  }
}
