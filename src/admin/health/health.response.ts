import { ApiProperty } from '@nestjs/swagger';

export class HealthResponse {
  @ApiProperty({ enum: ['ok'] }) readonly status!: 'ok';
  @ApiProperty({ format: 'date-time' }) readonly timestamp!: string;
  @ApiProperty({ description: 'Seconds since the process started' }) readonly uptime!: number;
  @ApiProperty({ description: 'NODE_ENV', example: 'production' }) readonly environment!: string;
}

export class LivenessResponse {
  @ApiProperty({ enum: ['ok'] }) readonly status!: 'ok';
}

export class ReadinessResponse {
  @ApiProperty({ enum: ['ready'] }) readonly status!: 'ready';
  @ApiProperty({ description: 'Milliseconds that the database took to answer' }) readonly databaseLatencyMs!: number;
}
