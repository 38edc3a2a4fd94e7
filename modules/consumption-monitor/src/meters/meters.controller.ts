import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { PeriodDto } from '../readings/dto/period.dto.js';
import { SummariesService } from '../summaries/summaries.service.js';
import { DailySummaryListDto, MeterListDto } from './dto/meter.dto.js';
import { KnownMeterGuard } from './known-meter.guard.js';
import { Meter } from './meter.entity.js';

@Controller('meters')
export class MetersController {
  constructor(
    @InjectRepository(Meter) private readonly meters: Repository<Meter>,
    private readonly summaries: SummariesService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Meters that have given a reading' })
  @ApiOkResponse({ type: MeterListDto })
  async list(): Promise<MeterListDto> {
    const [items, total] = await this.meters.findAndCount({ order: { id: 'ASC' } });
    return { items, total, nextCursor: null };
  }

  @Get(':meterId/days')
  @UseGuards(KnownMeterGuard)
  @ApiOperation({ summary: "What one meter's days came to, the latest first; also those whose readings are gone" })
  @ApiOkResponse({ type: DailySummaryListDto })
  async days(@Param('meterId') meterId: string, @Query() period: PeriodDto): Promise<DailySummaryListDto> {
    const items = await this.summaries.days(meterId, period);
    return { items, total: items.length, nextCursor: null };
  }
}
