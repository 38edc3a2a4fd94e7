import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { KnownMeterGuard } from '../meters/known-meter.guard.js';
import { SummariesService } from '../summaries/summaries.service.js';
import { MeterSummaryDto } from '../summaries/summary.dto.js';
import { ListReadingsDto } from './dto/list-readings.dto.js';
import { PeriodDto } from './dto/period.dto.js';
import { ReadingListDto } from './dto/reading.dto.js';
import { ReadingsService } from './readings.service.js';

@Controller('readings')
export class ReadingsController {
  constructor(
    private readonly readings: ReadingsService,
    private readonly summaries: SummariesService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Readings, newest first' })
  @ApiOkResponse({ type: ReadingListDto })
  async list(@Query() { limit, ...filter }: ListReadingsDto): Promise<ReadingListDto> {
    const [items, total] = await this.readings.find(filter, limit);
    return { items, total, nextCursor: null };
  }

  @Get(':meterId/summary')
  @UseGuards(KnownMeterGuard)
  @ApiOperation({ summary: "What one meter's readings come to" })
  @ApiOkResponse({ type: MeterSummaryDto })
  async summary(@Param('meterId') meterId: string, @Query() period: PeriodDto): Promise<MeterSummaryDto> {
    return { meterId, summary: await this.summaries.summarize(meterId, period) };
  }
}
