package io.hindsight.hub.export;

import io.hindsight.hub.resolve.Resolution;
import java.util.List;
import java.util.Optional;

/**
 * What an export says and chooses by names. Immutable.
 *
 * @param resolution who had which address when; {@link Resolution#NONE} where nothing is asked of it
 * @param blocks names of addresses, as they are written
 * @param selection what a filter by names means; absent without one
 * @param comments of the section: what of it is missing
 */
record ExportNames(Resolution resolution, NameBlocks blocks, Optional<Selection> selection, List<String> comments) {
    ExportNames {
        comments = List.copyOf(comments);
    }
}
