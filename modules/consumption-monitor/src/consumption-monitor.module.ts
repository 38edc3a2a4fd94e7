import { Module, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Meter } from './meters/meter.entity.js';
import { MetersController } from './meters/meters.controller.js';
import { Reading } from './readings/reading.entity.js';
import { ReadingsController } from './readings/readings.controller.js';
import { ReadingsService } from './readings/readings.service.js';
import { DailySummary } from './summaries/daily-summary.entity.js';
import { SummariesService } from './summaries/summaries.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Meter, Reading, DailySummary])],
  controllers: [ReadingsController, MetersController],
  providers: [
    ReadingsService,
    SummariesService,
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }),
    },
  ],
})
export class ConsumptionMonitorModule {}
