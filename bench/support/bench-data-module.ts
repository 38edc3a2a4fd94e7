import { type ModuleFiles } from './bench-host.js';

const manifest = (name: string) =>
  JSON.stringify({
    name,
    version: '1.0.0',
    displayName: name,
    description: 'A module of the benches with tables of its own',
    author: 'Nestdock',
    entry: './src/index.ts',
  });

/** A Nest module as people write them that keep data: entities that refer to each other, a subscriber, repositories, DTOs. */
export const dataModule = (name: string): ModuleFiles => ({
  'manifest.json': manifest(name),
  'src/index.ts': `
import { APP_PIPE } from '@nestjs/core';
import { Body, Controller, Get, Injectable, Module, type OnModuleInit, Post, Query, ValidationPipe } from '@nestjs/common';
import { InjectDataSource, InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import {
  Column, CreateDateColumn, DataSource, Entity, EventSubscriber, Index, ManyToOne, OneToMany, PrimaryColumn,
  PrimaryGeneratedColumn, Repository,
} from 'typeorm';

@Entity()
class Meter {
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ type: 'text' }) label!: string;
  @OneToMany(() => Reading, (reading) => reading.meter) readings!: Reading[];
}

@Entity()
@Index(['takenAt'])
class Reading {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'int' }) powerW!: number;
  @CreateDateColumn({ type: 'timestamptz' }) takenAt!: Date;
  @ManyToOne(() => Meter, (meter) => meter.readings) meter!: Meter;
}

@EventSubscriber()
class ReadingSubscriber {
  listenTo() { return Reading; }
  afterInsert() {}
}

class CreateReading {
  @IsString() @Length(1, 40) meterId!: string;
  @IsInt() @Min(0) @Max(1_000_000) powerW!: number;
}

class FindReadings { @IsOptional() @IsInt() @Type(() => Number) limit?: number; }

@Injectable()
class ReadingsService implements OnModuleInit {
  constructor(
    @InjectRepository(Reading) private readonly readings: Repository<Reading>,
    @InjectRepository(Meter) private readonly meters: Repository<Meter>,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}
  async onModuleInit() {
    await this.dataSource.query(\`
      CREATE TABLE IF NOT EXISTS meter (id text PRIMARY KEY, label text NOT NULL);
      CREATE TABLE IF NOT EXISTS reading (
        id serial PRIMARY KEY, "powerW" int NOT NULL, "takenAt" timestamptz NOT NULL DEFAULT now(),
        "meterId" text REFERENCES meter
      )\`);
    await this.meters.upsert({ id: 'a', label: 'A' }, ['id']);
  }
  list(limit = 3) { return this.readings.find({ relations: { meter: true }, take: limit, order: { id: 'DESC' } }); }
  add({ meterId, powerW }: CreateReading) { return this.readings.save({ powerW, meter: { id: meterId } }); }
}

@Controller('readings')
class ReadingsController {
  constructor(private readonly service: ReadingsService) {}
  @Get() list(@Query() query: FindReadings) { return this.service.list(query.limit); }
  @Post() create(@Body() body: CreateReading) { return this.service.add(body); }
}

@Module({
  imports: [TypeOrmModule.forFeature([Reading, Meter])],
  controllers: [ReadingsController],
  providers: [ReadingsService, { provide: APP_PIPE, useFactory: () => new ValidationPipe({ transform: true }) }],
})
export default class ReadingsModule {}
`,
});
