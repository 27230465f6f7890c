/** Tests. */
@NullMarked
package io.hindsight.agent.os;

import org.jspecify.annotations.NullMarked;
