import { IconAlertTriangle, IconTag } from '@tabler/icons-react';
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { memo } from 'react';
import { useWords } from '../../i18n';
import { percent, whole } from '../../lib/format';
import classes from './Canvas.module.css';
import { KindIcon } from './kinds';
import type { Port } from './model';

/** What a node shows; made from the draft by the page, so that a node knows nothing of drafts. */
export type NodeData = {
  kind: string;
  word?: string;
  title: string;
  subtitle: string;
  words?: string;
  line?: string;
  ports: (Port & { times?: number })[];
  times: number;
  begun: number;
  remark?: 'error' | 'warning';
  here?: boolean;
  entry?: boolean;
};
export type DrawnNode = Node<NodeData, 'step'>;

export const StepNode = memo(function StepNode({ data, selected }: NodeProps<DrawnNode>) {
  const t = useWords('scenarios');
  const middle = data.ports.find((port) => !port.look);
  const left = data.ports.reduce((sum, port) => sum + (port.times ?? 0), 0);
  return (
    <div
      className={classes.node}
      data-chosen={selected || undefined}
      data-here={data.here || undefined}
      data-broken={data.remark === 'error' || undefined}
    >
      {!data.entry && <Handle type="target" position={Position.Left} />}
      <div className={classes.head}>
        <KindIcon kind={data.kind} word={data.word} />
        <span className={classes.names}>
          <span className={classes.name}>{data.title}</span>
          <span className={classes.kind}>{data.subtitle}</span>
        </span>
        {data.remark && (
          <span className={classes.flag} data-soft={data.remark === 'warning' || undefined}>
            <IconAlertTriangle size={14} />
          </span>
        )}
      </div>
      {data.words && (
        <div className={classes.words}>
          <p>{data.words}</p>
        </div>
      )}
      {data.line && (
        <div className={classes.line}>
          <IconTag size={12} />
          {data.line}
        </div>
      )}
      {data.ports
        .filter((port) => port.look)
        .map((port) => (
          <div key={port.key} className={classes.port} data-look={port.look}>
            <span>{port.label}</span>
            {port.look === 'row' && left > 0 && (
              <span className={classes.share}>{percent((port.times ?? 0) / left, 0)}</span>
            )}
            <Handle type="source" position={Position.Right} id={port.key} />
          </div>
        ))}
      <div className={classes.foot}>
        <span>
          {t('node.passed')} <b>{whole(data.times)}</b>
        </span>
        <span>{data.begun > 0 ? percent(Math.min(1, data.times / data.begun)) : '—'}</span>
      </div>
      {middle && <Handle type="source" position={Position.Right} id={middle.key} />}
    </div>
  );
});
