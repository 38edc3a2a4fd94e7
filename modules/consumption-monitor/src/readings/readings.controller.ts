import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ListReadingsDto } from './dto/list-readings.dto.js';
import { PeriodDto } from './dto/period.dto.js';
import { ReadingListDto } from './dto/reading.dto.js';
import { MeterSummaryDto } from './dto/summary.dto.js';
import { KnownMeterGuard } from './known-meter.guard.js';
import { ReadingsService } from './readings.service.js';
import { summarize } from './summary.js';

@Controller('readings')
export class ReadingsController {
  constructor(private readonly readings: ReadingsService) {}

  @Get()
  @ApiOperation({ summary: 'Readings, newest first' })
  @ApiOkResponse({ type: ReadingListDto })
  list(@Query() { limit, ...filter }: ListReadingsDto): ReadingListDto {
    const found = this.readings.find(filter);
    return { items: found.slice(0, limit), total: found.length, nextCursor: null };
  }

  @Get(':meterId/summary')
  @UseGuards(KnownMeterGuard)
  @ApiOperation({ summary: "What one meter's readings come to" })
  @ApiOkResponse({ type: MeterSummaryDto })
  summary(@Param('meterId') meterId: string, @Query() period: PeriodDto): MeterSummaryDto {
    return { meterId, summary: summarize(this.readings.ofMeter(meterId, period)) };
  }
}
