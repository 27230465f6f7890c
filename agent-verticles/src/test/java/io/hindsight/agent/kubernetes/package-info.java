@NullMarked
package io.hindsight.agent.kubernetes;

import org.jspecify.annotations.NullMarked;
