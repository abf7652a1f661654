"""salesml: self-hosted predictive customer analytics for e-commerce and SaaS teams."""
