Feature: Images are known and counts are sane

  Background:
    Given payments-api crash-loops in production after a release

  @rule:action/image_allowed
  Scenario: An image of a registry that nobody vouched for
    When alice proposes to run ledger-worker on image docker.io/library/worker:1.0.0
    Then it is refused: "registry docker.io is not on the list"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:action/image_vulnerable
  Scenario: An image that nobody scanned
    When alice proposes to run ledger-worker on image registry.example.com/payments/ledger-worker:9.9.9
    Then it is refused: "nobody scanned the image"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:action/replicas_in_range
  Scenario Outline: A count out of range
    When alice proposes to scale ledger-worker to <count>
    Then it is refused: "is outside what the limits permit"
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | count |
      | 0     |
      | 7     |
      | 51    |

  Scenario: Twice as many is the most at once
    Given it is next Tuesday 09:00 in UTC
    When alice proposes to scale ledger-worker to 6
    Then it waits for two people of team:team-payments
    And nothing was merged
