package io.hindsight.hub.flow;

import io.hindsight.api.Flow;
import io.hindsight.api.FlowGroup;
import io.hindsight.api.FlowPage;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a client wants to see of the flows of a snapshot. Immutable.
 *
 * @param selection which packets
 * @param filter which of their flows
 * @param groupBy what a row stands for
 * @param sort by what rows are sorted
 * @param ascending the smallest first
 * @param limit rows at most, 1 to {@value #MAX_ROWS}
 * @param offset rows that are left out ahead of these
 */
public record FlowQuery(
        FlowSelection selection,
        FlowFilter filter,
        FlowGrouping groupBy,
        FlowSort sort,
        boolean ascending,
        int limit,
        int offset) {
    /** Rows of a page. */
    public static final int MAX_ROWS = 1_000;

    /** Rows where nothing else is said. */
    public static final int DEFAULT_ROWS = 100;

    public FlowQuery {
        require(limit >= 1 && limit <= MAX_ROWS, "limit", "is 1 to " + MAX_ROWS + ", got " + limit);
        require(offset >= 0, "offset", "is at least 0, got " + offset);
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, "The " + field + " " + rule + ".");
        }
    }

    private record Parties(FlowGroup.Party client, FlowGroup.Party server) {}

    private record Group(Parties parties, List<FlowFigures> flows, FlowFigures figures) {
        FlowGroup toGroup() {
            return new FlowGroup(
                    parties.client(),
                    parties.server(),
                    flows.size(),
                    figures.packets(),
                    figures.bytes(),
                    EpochNanos.toInstant(figures.firstNs()),
                    EpochNanos.toInstant(figures.lastNs()),
                    figures.connections(),
                    figures.incompleteHandshakes(),
                    figures.retransmissions(),
                    figures.resets(),
                    figures.handshake(),
                    figures.toServer(),
                    figures.toClient());
        }
    }

    /** The page of these flows, which are those of the selection. Sorts: call it on a worker. */
    public FlowPage page(FlowSet flows) {
        List<FlowRow> rows = flows.rows().stream().filter(filter::accepts).toList();
        return groupBy == FlowGrouping.FLOW ? pageOfFlows(rows, flows) : pageOfGroups(groups(rows), flows);
    }

    private FlowPage pageOfFlows(List<FlowRow> rows, FlowSet flows) {
        List<Flow> page =
                rows.stream()
                        .sorted(Comparator.comparing(FlowRow::figures, sort.comparator(ascending)))
                        .skip(offset)
                        .limit(limit)
                        .map(row -> row.toFlow(flows.points()))
                        .toList();
        return new FlowPage(page, null, rows.size(), limit, offset, flows.coverage());
    }

    private FlowPage pageOfGroups(List<Group> groups, FlowSet flows) {
        List<FlowGroup> page =
                groups.stream()
                        .sorted(Comparator.comparing(Group::figures, sort.comparator(ascending)))
                        .skip(offset)
                        .limit(limit)
                        .map(Group::toGroup)
                        .toList();
        return new FlowPage(null, page, groups.size(), limit, offset, flows.coverage());
    }

    private List<Group> groups(List<FlowRow> rows) {
        Map<Parties, List<FlowFigures>> byParties =
                rows.stream()
                        .collect(
                                Collectors.groupingBy(
                                        row -> new Parties(groupBy.party(row, true), groupBy.party(row, false)),
                                        LinkedHashMap::new,
                                        Collectors.mapping(FlowRow::figures, Collectors.toList())));
        return byParties.entrySet().stream()
                .map(entry -> new Group(entry.getKey(), entry.getValue(), FlowFigures.sum(entry.getValue())))
                .toList();
    }
}
