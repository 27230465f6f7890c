/**
 * Serves windows of the rings: plans and pins, reports gaps, prepares and sends chunks within the Hub's credit. Start at
 * {@link io.hindsight.agent.extract.ExtractService}.
 */
@NullMarked
package io.hindsight.agent.extract;

import org.jspecify.annotations.NullMarked;
