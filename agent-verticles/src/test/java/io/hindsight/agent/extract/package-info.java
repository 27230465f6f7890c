/** Tests. */
@NullMarked
package io.hindsight.agent.extract;

import org.jspecify.annotations.NullMarked;
