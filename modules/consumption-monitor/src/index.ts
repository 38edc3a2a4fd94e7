export { ConsumptionMonitorModule as default } from './consumption-monitor.module.js';
