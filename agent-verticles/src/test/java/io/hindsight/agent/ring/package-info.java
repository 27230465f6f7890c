/** Tests. */
@NullMarked
package io.hindsight.agent.ring;

import org.jspecify.annotations.NullMarked;
