Feature: Only what the forge signed is heard

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And alice and bob approved it on the forge, and the gate doesn't know yet

  Scenario: Signed by the forge, it is heard
    When the forge says so
    And the gate goes on
    Then the pull request is merged

  Scenario Outline: Signed in any other way, it is not
    When somebody says so, <how>
    And the gate goes on
    Then the delivery was refused, as any stranger's is
    And nothing was merged
    And nobody was told of a fix

    Examples:
      | how                                        |
      | with no signature                          |
      | with the signature of another secret       |
      | with a signature of the old, weak kind     |
      | with a signature that is cut off           |
      | with the signature of another delivery     |
      | with the signature given twice             |

  Scenario: While one secret follows another, both are good
    Given the forge's secret is being replaced by another
    When the forge says so
    And the gate goes on
    Then the pull request is merged
